/** How many slices a log has. Part of the wire contract: never changes. */
export const SLICES = 1024

/** 32-bit FNV-1a of the UTF-8 bytes of a text (http://www.isthe.com/chongo/tech/comp/fnv/). */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) {
    let code = text.charCodeAt(i)
    if (code < 0x80) {
      hash = Math.imul(hash ^ code, 0x01000193)
      continue
    }
    if (code >= 0xd800 && code < 0xe000) {
      code = text.codePointAt(i) as number
      if (code > 0xffff) i++
      else code = 0xfffd // half a pair has no UTF-8; every encoder writes the replacement character
    }
    for (const byte of utf8(code)) hash = Math.imul(hash ^ byte, 0x01000193)
  }
  return hash >>> 0
}

function utf8(code: number): readonly number[] {
  if (code < 0x800) return [0xc0 | (code >> 6), 0x80 | (code & 0x3f)]
  if (code < 0x10000) return [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)]
  return [
    0xf0 | (code >> 18),
    0x80 | ((code >> 12) & 0x3f),
    0x80 | ((code >> 6) & 0x3f),
    0x80 | (code & 0x3f),
  ]
}

/** The slice of an aggregate: fixed by its id alone, so the number of consumers can change freely. */
export function sliceOf(streamId: string): number {
  return fnv1a32(streamId) % SLICES
}
