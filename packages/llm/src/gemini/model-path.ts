/** Returns the name of a model as it stands in the bodies of requests. */
export function modelPath(model: string): string {
  return /^(?:models|tunedModels)\//.test(model) ? model : `models/${model}`
}
