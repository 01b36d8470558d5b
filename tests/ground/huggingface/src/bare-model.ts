import * as sdk from '@huggingface/transformers'

export { sdk }

/** Is what the package answers by itself, with the likeliest token each time. */
export async function bareAnswer(
  folder: string,
  { messages, maxTokens }: { readonly messages: sdk.Message[]; readonly maxTokens: number },
): Promise<string> {
  const tokenizer = await sdk.AutoTokenizer.from_pretrained(folder, { local_files_only: true })
  const model = await sdk.AutoModelForCausalLM.from_pretrained(folder, { local_files_only: true, device: 'cpu' })
  let text = ''
  const streamer = new sdk.TextStreamer(tokenizer, {
    skip_prompt: true,
    skip_special_tokens: true,
    callback_function: (piece) => (text += piece),
  })
  const inputs = tokenizer.apply_chat_template(messages, { add_generation_prompt: true, return_dict: true })
  const options = { ...inputs, max_new_tokens: maxTokens, do_sample: false, streamer }
  await model.generate(options)
  await model.dispose()
  return text
}
