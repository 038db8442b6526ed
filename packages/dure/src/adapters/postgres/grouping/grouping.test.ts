import assert from 'node:assert/strict'
import { test } from 'vitest'
import { type Groupable, Grouping } from './grouping.ts'

interface Item extends Groupable {
  readonly name: string
}

interface Call {
  readonly names: string
  readonly end: () => void
  readonly fail: (error: Error) => void
}

const dividing = new Error('refused')
const lost = new Error('connection lost')

/** Work whose calls are ended by the test; each answers its names. */
function started(width = 1) {
  const calls: Call[] = []
  const call = (items: readonly Item[]): Promise<string[]> =>
    new Promise((resolve, reject) => {
      const names = items.map((it) => it.name)
      calls.push({ names: names.join(' '), end: () => resolve(names), fail: reject })
    })
  const grouping = new Grouping<Item, string>(
    {
      alone: async (item) => (await call([item]))[0] ?? '',
      together: call,
      divides: (error) => error === dividing,
    },
    width,
  )
  const ask = (name: string, keys: readonly string[] = [], size = 1): Promise<string> =>
    grouping.do({ name, keys, size })
  const shown = (): string => calls.map((it) => it.names).join(', ')
  return { calls, ask, shown }
}

const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

test('one goes at once, those behind it together when it has ended, and each hears its own answer', async () => {
  const { calls, ask, shown } = started()
  const all = ['a', 'b', 'c'].map((name) => ask(name))
  await settled()
  assert.equal(shown(), 'a')
  calls[0]?.end()
  await settled()
  assert.equal(shown(), 'a, b c')
  calls[1]?.end()
  assert.deepEqual(await Promise.all(all), ['a', 'b', 'c'])
  void ask('d')
  await settled()
  assert.equal(shown(), 'a, b c, d')
})

test('who asks again as soon as it is answered goes with the others that do', async () => {
  const { calls, ask, shown } = started()
  const twice = async (name: string): Promise<string> => {
    await ask(name)
    for (let hops = 0; hops < 30; hops++) await Promise.resolve()
    return ask(`${name}2`)
  }
  for (const name of ['a', 'b', 'c']) void twice(name)
  await settled()
  calls[0]?.end()
  await settled()
  assert.equal(shown(), 'a, b c a2')
  calls[1]?.end()
  await settled()
  assert.equal(shown(), 'a, b c a2, b2 c2')
})

test('two of one key are never under way together, and others pass them', async () => {
  const { calls, ask, shown } = started()
  for (const [name, key] of [
    ['a', 'k'],
    ['b', 'k'],
    ['c', 'l'],
    ['d', 'l'],
    ['e', 'm'],
  ] as const) {
    void ask(name, [key])
  }
  calls[0]?.end()
  await settled()
  assert.equal(shown(), 'a, b c e')
  calls[1]?.end()
  await settled()
  assert.equal(shown(), 'a, b c e, d')
})

test('as many are under way as the width allows; large ones do not go together', async () => {
  const { calls, ask, shown } = started(2)
  for (const name of ['a', 'b', 'c', 'd']) void ask(name, [], 600_000)
  await settled()
  assert.equal(shown(), 'a, b')
  calls[0]?.end()
  await settled()
  assert.equal(shown(), 'a, b, c')
})

test('a group that is refused is tried one by one, beside what comes after it', async () => {
  const { calls, ask, shown } = started()
  const [, b, c] = ['a', 'b', 'c'].map((name) => ask(name, [name]))
  calls[0]?.end()
  await settled()
  calls[1]?.fail(dividing)
  void ask('d')
  void ask('b again', ['b'])
  await settled()
  assert.equal(shown(), 'a, b c, b, c, d')
  calls[2]?.fail(dividing)
  calls[3]?.end()
  await assert.rejects(b ?? assert.fail(), dividing)
  assert.equal(await c, 'c')
  calls[4]?.end()
  await settled()
  assert.equal(shown(), 'a, b c, b, c, d, b again')
})

test('a group of which nobody knows what became fails as a whole, and is not tried again', async () => {
  const { calls, ask, shown } = started()
  const [, b, c] = ['a', 'b', 'c'].map((name) => ask(name))
  calls[0]?.end()
  await settled()
  calls[1]?.fail(lost)
  for (const it of [b, c]) await assert.rejects(it ?? assert.fail(), lost)
  assert.equal(shown(), 'a, b c')
})

test('what takes long is waited for no longer', async () => {
  const { calls, ask, shown } = started()
  const slow = ask('slow', ['k'])
  void ask('after it', ['k'])
  const other = ask('other')
  await new Promise((resolve) => void setTimeout(resolve, 200))
  assert.equal(shown(), 'slow, other')
  calls[1]?.end()
  assert.equal(await other, 'other')
  calls[0]?.end()
  assert.equal(await slow, 'slow')
  await settled()
  assert.equal(shown(), 'slow, other, after it')
})

test('what waits for one of its key is not passed by a smaller one of that key', async () => {
  const { calls, ask, shown } = started()
  void ask('a')
  void ask('b', ['k'], 600_000)
  void ask('c', ['l', 'm'], 600_000)
  void ask('d', ['l'])
  void ask('e', ['m'])
  void ask('f', ['n'])
  calls[0]?.end()
  await settled()
  assert.equal(shown(), 'a, b f')
  calls[1]?.end()
  await settled()
  assert.equal(shown(), 'a, b f, c')
  calls[2]?.end()
  await settled()
  assert.equal(shown(), 'a, b f, c, d e')
})

const slow = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 20))

const many = Array.from({ length: 100 }, (_, i) => `n${i}`)

test('of very many, half go while half are under way', async () => {
  const { calls, ask } = started()
  const all = many.map((name) => ask(name))
  await settled()
  const sizes = (): number[] => calls.map((it) => it.names.split(' ').length)
  assert.deepEqual(sizes(), [1, 50])
  calls[0]?.end()
  await settled()
  assert.deepEqual(sizes(), [1, 50, 49])
  calls.forEach((it) => it.end())
  assert.deepEqual(await Promise.all(all), many)
})

test('where a round trip takes longer than the work on all, they go together', async () => {
  const { calls, ask } = started()
  const first = ask('first')
  await slow()
  calls[0]?.end()
  await first
  const all = many.map((name) => ask(name))
  await slow()
  calls[1]?.end()
  await settled()
  assert.deepEqual(
    calls.map((it) => it.names.split(' ').length),
    [1, 1, 99],
  )
  calls[2]?.end()
  assert.deepEqual(await Promise.all(all), many)
})

test('work that throws instead of rejecting is heard of, alone, in a group and after one', async () => {
  const bug = new TypeError('a bug')
  const broken = { alone: true, divides: false }
  const grouping = new Grouping<Item, string>(
    {
      alone: ({ name }) => {
        if (name !== 'a' && broken.alone) throw bug
        return settled().then(() => name)
      },
      together: () => Promise.reject(dividing),
      divides: () => {
        if (broken.divides) throw bug
        return true
      },
    },
    1,
  )
  const three = (): Promise<unknown>[] =>
    ['a', 'b', 'c'].map((name) =>
      grouping.do({ name, keys: [name], size: 1 }).catch((error: unknown) => error),
    )
  assert.deepEqual(await Promise.all(three()), ['a', bug, bug])
  await settled()
  broken.divides = true
  assert.deepEqual(await Promise.all(three()), ['a', bug, bug])
  await settled()
  // Nothing is held for ever by what went wrong.
  broken.alone = broken.divides = false
  assert.deepEqual(await Promise.all(three()), ['a', 'b', 'c'])
})

const timers = (): number => process.getActiveResourcesInfo().filter((it) => it === 'Timeout').length

test('keeps no process alive by itself', async () => {
  const before = timers()
  const { calls, ask } = started()
  const both = [ask('a'), ask('b')]
  assert.equal(timers(), before)
  calls[0]?.end()
  await settled()
  calls[1]?.end()
  assert.deepEqual(await Promise.all(both), ['a', 'b'])
})
