import { expect, test } from 'vitest'
import { placeOf, placeText, startOf } from './place.ts'

const id = '0f9a1c2e-1111-4222-8333-444455556666'
const positions = [
  { offset: 0n, epoch: -1 },
  { offset: 123_456_789_012n, epoch: 7 },
  { offset: 5n, epoch: 7 },
  { offset: 1n, epoch: 0 },
]

test('a place survives as text, short and in ASCII', () => {
  const text = placeText({ topicId: id, positions })
  expect(text).toMatch(/^[\x21-\x7e]{1,80}$/)
  expect(placeOf(text, id, 4)).toEqual({ topicId: id, positions })
  expect(placeOf(placeText(startOf(id, 16)), id, 16)).toEqual(startOf(id, 16))
})

test('a place of 16 partitions that hold a thousand million messages each is short', () => {
  const many = Array.from({ length: 16 }, () => ({ offset: 1_000_000_000n, epoch: 40 }))
  expect(placeText({ topicId: id, positions: many }).length).toBeLessThan(200)
})

test('what is no place of the topic is none', () => {
  const text = placeText({ topicId: id, positions })
  expect(placeOf(text, id.replace('0f', 'ff'), 4)).toBeUndefined()
  expect(placeOf(text, id, 5)).toBeUndefined()
  for (const other of ['', 'nonsense', '~~~~', `${text}~0`, text.replace('~5', '~-5')]) {
    expect(placeOf(other, id, 4)).toBeUndefined()
  }
})
