/** The core for Google's Gemini API. Needs the package `@google/genai`. */
export { google, type GoogleOptions } from './google.js'
