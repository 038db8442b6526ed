import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { EnterKey } from './enter-key.ts'

const terminal = (): PassThrough & { isTTY: boolean } => Object.assign(new PassThrough(), { isTTY: true })

it('hears the next Enter, and none that came before', async () => {
  const input = terminal()
  const enter = new EnterKey(input as never, () => false)
  expect(enter.heard).toBe(true)
  input.write('\n')
  await new Promise((resolve) => setImmediate(resolve))
  let pressed = 0
  const next = enter.pressed().then(() => pressed++)
  await new Promise((resolve) => setImmediate(resolve))
  expect(pressed).toBe(0)
  input.write('\n')
  await next
  expect(pressed).toBe(1)
})

it('does not read from the terminal in the background', () => {
  const input = terminal()
  expect(new EnterKey(input as never, () => true).heard).toBe(false)
  expect(input.listenerCount('data')).toBe(0)
})
