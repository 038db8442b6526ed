#!/usr/bin/env node
// Writes docs/reference/errors.md from the catalogue: `node scripts/generate-errors.mjs`.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { catalogue } from '../packages/dure/src/kernel/errors/catalogue.ts'

const kinds = {
  misuse: 'The program is wrong; the hint says what to change.',
  invalid: 'The input is refused by its shape.',
  missing: 'The thing named does not exist.',
  conflict: 'Somebody else was first, also after retries.',
  stale: 'A precondition the caller stated does not hold.',
  'too-large': 'The request is larger than allowed.',
  'media-type': 'The request is in a form that cannot be read.',
  unavailable: 'Try again later; nothing was done.',
  corrupt: 'What is stored cannot be understood; nothing was changed.',
}

/** Where the page belongs. */
export const page = join(dirname(fileURLToPath(import.meta.url)), '../docs/reference/errors.md')

/** The page as it should be. */
export function errorsPage() {
  const codes = Object.keys(catalogue).toSorted()
  const sections = codes.map(
    (code) => `### ${code}\n\nKind: \`${catalogue[code].kind}\`\n\n${catalogue[code].about}\n`,
  )
  const rows = Object.entries(kinds).map(([kind, meaning]) => `- \`${kind}\`: ${meaning}`)
  return `# Errors

Every error of Dure is a \`DureError\` with a \`code\`, a \`kind\`, a sentence, a \`hint\` that names the next action, and
\`details\`. Codes are API: none is ever reused. Edges map kinds, never codes; \`dure explain CODE\` prints the paragraphs below.
This page is generated from the catalogue by \`node scripts/generate-errors.mjs\`.

## Kinds

${rows.join('\n')}

## Codes

${sections.join('\n')}`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(dirname(page), { recursive: true })
  writeFileSync(page, errorsPage())
}
