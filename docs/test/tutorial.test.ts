import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readPage, root } from './markdown.ts'
import { scratch } from './scratch.ts'
import { WalkThrough } from './walk-through.ts'

const tutorial = readPage('docs/tutorial/first-service.md')

test('the tutorial works, step by step', { timeout: 60_000 }, async () => {
  using folder = scratch()
  const walk = new WalkThrough(folder)
  await walk.follow(tutorial.fences)
  const saidBy = (line: string): unknown[] =>
    walk.steps.filter((it) => it.line === line).map(({ said }) => said)
  expect(saidBy('npm test')).toEqual([expect.stringMatching(/pass 3\n/), expect.stringMatching(/pass 5\n/)])
  expect(saidBy('npm run types')).toEqual([''])
  expect(saidBy('npm run check')).toEqual([expect.stringContaining('no errors')])
  const answered = walk.steps.filter((it) => it.expected !== undefined)
  expect(answered.length).toBeGreaterThan(2)
  for (const { at, said, expected } of answered) expect([at, said]).toMatchObject([at, expected])
  expect(saidBy('curl localhost:3000/invoices')).toEqual([
    [{ id: 'ts-201.jun', student: 'jun', amount: 200 }],
  ])
})

test('what the tutorial says about the check without a map is so', { timeout: 20_000 }, async () => {
  using folder = scratch()
  for (const fence of tutorial.fences) {
    const title = fence.marks.get('title')
    if (title !== undefined) folder.write(title, fence.text.replace(/^ {2}map: .*\n/m, ''))
  }
  const check = folder.node(join(root, 'packages/dure/src/cli/main.ts'), 'check')
  await expect(check).rejects.toThrow(
    /policy "raise an invoice[^]*Add \{ upstream: Teaching, downstream: Billing/,
  )
})
