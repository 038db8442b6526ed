import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PublishedEvent } from '../arrival.ts'
import { Chain } from './chain.ts'
import type { Piece } from './wire.ts'

const placed = (position: number) => ({
  position,
  stream: { tenant: '', aggregate: 'Order', id: `o${position % 3}` },
  version: 1,
  slice: 0,
  at: new Date(0),
  meta: { command: 'c', actor: 'a', correlation: 'r' },
})

function pieceOf(position: number, previous: number, piece = 1, pieces = 1): Piece {
  const published = { type: 'OrderPlaced', data: { position, piece }, part: 0 }
  return { epoch: 'e', previous, event: placed(position), piece, pieces, published, elsewhere: false }
}

function feed(chain: Chain, piece: Piece): readonly number[] {
  const event = chain.join(piece)
  if (event === undefined || event === 'elsewhere') return []
  return chain.take(piece, event, 0).map((it) => it.position)
}

describe('a chain', () => {
  it('hands on what follows, and passes over what has come', () => {
    const chain = new Chain(4)
    expect(feed(chain, pieceOf(4, 2))).toEqual([])
    expect(feed(chain, pieceOf(7, 4))).toEqual([7])
    expect(feed(chain, pieceOf(7, 4))).toEqual([])
    expect(feed(chain, pieceOf(8, 7))).toEqual([8])
    expect(chain.seen).toBe(8)
  })

  it('waits for what is missing, and says what that is', () => {
    const chain = new Chain(0)
    expect(feed(chain, pieceOf(9, 6))).toEqual([])
    expect(feed(chain, pieceOf(6, 3))).toEqual([])
    expect(chain.gap).toMatchObject({ upTo: 3 })
    expect(feed(chain, pieceOf(3, 0))).toEqual([3, 6, 9])
    expect(chain.gap).toBeUndefined()
  })

  it('goes on from what was found elsewhere', () => {
    const chain = new Chain(0)
    feed(chain, pieceOf(6, 3))
    feed(chain, pieceOf(9, 6))
    expect(chain.skipTo(7).map((it) => it.position)).toEqual([9])
    expect(chain.seen).toBe(9)
  })

  it('hands on an event once all its pieces are there', () => {
    const chain = new Chain(0)
    expect(feed(chain, pieceOf(2, 0, 2, 2))).toEqual([])
    expect(feed(chain, pieceOf(2, 0, 2, 2))).toEqual([])
    const piece = pieceOf(2, 0, 1, 2)
    const event = chain.join(piece) as PublishedEvent
    expect(event.published.map(({ data }) => data['piece'])).toEqual([1, 2])
    expect(chain.take(piece, event, 0)).toHaveLength(1)
  })

  it('hands on every event once and in order, however messages are shuffled and repeated', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(gaps, fc.infiniteStream(fc.nat()), (steps, order) => {
        const positions = steps.reduce<number[]>((all, step) => [...all, (all.at(-1) ?? 0) + step], [])
        const pieces = positions.map((position, i) => pieceOf(position, positions[i - 1] ?? 0))
        const sent = [...pieces, ...pieces]
          .map((piece) => ({ piece, at: order.next().value }))
          .toSorted((a, b) => a.at - b.at)
        const chain = new Chain(0)
        expect(sent.flatMap(({ piece }) => feed(chain, piece))).toEqual(positions)
      }),
    )
  })
})
