/** More is nobody's answer, and would fill the memory. */
const MOST_BYTES = 16 * 1024 * 1024

/** The body of an answer: as JSON where its type says so and it is, else as text. Rejects what is too long. */
export async function readBody(response: Response): Promise<unknown> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > MOST_BYTES) throw new RangeError(`the answer is longer than ${MOST_BYTES} bytes`)
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString()
  const isJson = /^application\/([\w.-]+\+)?json\b/i.test(response.headers.get('content-type') ?? '')
  if (!isJson || text === '') return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
