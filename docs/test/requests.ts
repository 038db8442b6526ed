/** One `curl` of a page. */
export interface Request {
  readonly text: string
  readonly path: string
  readonly init: { readonly method: string; readonly headers: Record<string, string>; readonly body?: string }
}

/** The `curl` lines of a block of shell, for requests to `http://localhost:3000`. Knows `-X`, `-H`, `-d`, `-s` and `-i`. */
export function requestsIn(shell: string): readonly Request[] {
  const lines = shell.replaceAll(/\\\n\s*/g, ' ').split('\n')
  return lines.filter((it) => it.startsWith('curl ')).map(requestOf)
}

function requestOf(text: string): Request {
  const words = Array.from(text.matchAll(/'([^']*)'|(\S+)/g), (it) => it[1] ?? (it[2] as string)).slice(1)
  const headers: Record<string, string> = {}
  let method: string | undefined
  let body: string | undefined
  let url: string | undefined
  while (words.length > 0) {
    const word = words.shift() as string
    if (word === '-X') method = words.shift()
    else if (word === '-d') body = words.shift()
    else if (word === '-H') {
      const [, name, value] = /^([^:]+): (.*)$/.exec(words.shift() ?? '') ?? []
      headers[name as string] = value as string
    } else if (/^-[si]+$/.test(word)) continue
    else if (word.startsWith('-')) throw new Error(`the tests do not know ${word} of: ${text}`)
    else url = word
  }
  if (url === undefined || !/^(http:\/\/)?localhost:3000\//.test(url))
    throw new Error(`no request to localhost:3000: ${text}`)
  const init = {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers,
    ...(body !== undefined && { body }),
  }
  return { text, path: url.replace(/^(http:\/\/)?localhost:3000/, ''), init }
}
