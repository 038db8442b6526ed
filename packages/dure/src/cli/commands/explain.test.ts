import { expect, it } from 'vitest'
import { catalogue } from '../../kernel/errors/catalogue.ts'
import { explain } from './explain.ts'

async function run(code: string | undefined, json = false): Promise<string> {
  let text = ''
  const given = { options: { json }, lists: {}, arguments: code === undefined ? [] : [code], rest: [] }
  await explain.run(given, {
    out: (it: string) => (text += it),
    paint: (_: unknown, it: string) => it,
  } as never)
  return text
}

it('explains a code', async () => {
  expect(await run('DURE_CHECK_TRANSLATOR')).toBe(`DURE_CHECK_TRANSLATOR

Under anti-corruption and customer-supplier the words of the upstream context stop at the edge: only a translator names them (Evans, ch. 14: Anticorruption Layer).

kind     misuse: the program is wrong (HTTP 500)
message  <downstream> follows <upstream>.<event> directly, and its relation is <as>.
hint     Translate it: translate(<upstream>.events.<event>).into(…), and follow the message it makes; or make the relation conformist.
`)
})

it('understands a code in small letters and without its prefix', async () => {
  expect(await run('version_conflict')).toBe(await run('DURE_VERSION_CONFLICT'))
})

it('says which code was meant', async () => {
  await expect(run('DURE_VERSION_CONFLIT')).rejects.toMatchObject({
    hint: 'Did you mean DURE_VERSION_CONFLICT?',
  })
})

it('can explain every code', async () => {
  const all = JSON.parse(await run(undefined, true)) as {
    code: string
    message: string
    hint: string
    httpStatus: number
  }[]
  expect(all.map((it) => it.code)).toEqual(Object.keys(catalogue))
  for (const { code, message, hint, httpStatus } of all) {
    expect(`${code} ${message} ${hint}`).not.toMatch(/undefined|NaN|\[object|depends on/)
    expect(httpStatus).toBeGreaterThanOrEqual(400)
  }
  expect((await run(undefined)).split('\n')).toHaveLength(all.length + 1)
})
