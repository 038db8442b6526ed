import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Puts a style on a text, or not. */
export type Paint = (style: Style, text: string) => string

/** Colours only where somebody looks, and NO_COLOR and FORCE_COLOR as everywhere. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return (style, text) => styleText(style, text, { stream, validateStream: true })
}
