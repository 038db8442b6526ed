import { describe, expect, it } from 'vitest'
import type { StoredEvent } from '../../ports/event-store.ts'
import { messagesOf, progressText, readPiece, readProgress, type Origin } from './wire.ts'

const origin: Origin = {
  system: 'The Shop',
  context: 'Ordering',
  epoch: '0b9d',
  partitions: 16,
  maxBytes: 1000,
}
const stored: StoredEvent = {
  position: 12,
  stream: { tenant: 'acme', aggregate: 'Order', id: 'o-1' },
  version: 3,
  slice: 35,
  type: 'OrderPlaced',
  schema: 1,
  data: {},
  meta: { command: 'c-1', actor: 'ann', correlation: 'r-1', causation: 'x', traceparent: '00-a-b-01' },
  at: new Date('2026-03-01T12:00:00.123Z'),
}

describe('a message', () => {
  it('is a CloudEvents 1.0 event', () => {
    const [message] = messagesOf(origin, stored, 9, {
      published: [{ type: 'OrderPlaced', data: { total: 3 }, part: 0 }],
    })
    expect(message).toMatchObject({ partition: 3, id: '0b9d/12/1' })
    const body = JSON.parse(message?.body ?? '') as Record<string, unknown>
    expect(body).toMatchInlineSnapshot(`
      {
        "causationid": "x",
        "correlationid": "r-1",
        "data": {
          "total": 3,
        },
        "datacontenttype": "application/json",
        "dureactor": "ann",
        "dureaggregate": "Order",
        "durecommand": "c-1",
        "dureepoch": "0b9d",
        "durepiece": "1/1",
        "dureposition": "12",
        "dureprevious": "9",
        "dureslice": 35,
        "duretenant": "acme",
        "dureversion": 3,
        "id": "0b9d/12/1",
        "partitionkey": "o-1",
        "source": "/The%20Shop/Ordering",
        "specversion": "1.0",
        "subject": "o-1",
        "time": "2026-03-01T12:00:00.123Z",
        "traceparent": "00-a-b-01",
        "type": "Ordering.OrderPlaced",
      }
    `)
    for (const name of Object.keys(body)) expect(name).toMatch(/^[a-z0-9]{1,20}$/)
  })

  it('is read as it was published', () => {
    const published = [
      { type: 'OrderPlaced', data: { total: 3, text: '두레' }, part: 0 },
      { type: 'OrderCounted', data: {}, part: 1 },
    ]
    const pieces = messagesOf(origin, stored, 9, { published }).map(({ body }) => readPiece('t', body))
    const { type: _, schema: __, data: ___, ...event } = stored
    expect(pieces).toEqual(
      published.map((it, i) => ({
        epoch: '0b9d',
        previous: 9,
        event,
        piece: i + 1,
        pieces: 2,
        published: it,
        elsewhere: false,
      })),
    )
  })

  it('says where the data is when it is larger than the broker takes', () => {
    const data = { text: '두'.repeat(400) }
    const [message] = messagesOf(origin, stored, 9, { published: [{ type: 'OrderPlaced', data, part: 0 }] })
    expect(JSON.parse(message?.body ?? '')).toMatchObject({ dataref: '/The Shop/Ordering/events/12' })
    expect(readPiece('t', message?.body ?? '').elsewhere).toBe(true)
  })

  it('stands for an event that could not be read', () => {
    const unreadable = { code: 'DURE_EVENT_UNREADABLE', reason: 'no' }
    const [message] = messagesOf(origin, stored, 9, { unreadable })
    expect(readPiece('t', message?.body ?? '').unreadable).toEqual(unreadable)
  })

  it.each([
    ['what is not JSON', 'hello', 'it is not JSON'],
    ['a list', '[]', 'it is not an object'],
    ['another version', '{"specversion":"0.3"}', 'it is of another version of CloudEvents'],
    ['what lacks its place', '{"specversion":"1.0","type":"a"}', 'its attribute durepiece is missing'],
  ])('refuses %s', (_, body, reason) => {
    expect(() => readPiece('shop', body)).toThrow(`A message of shop cannot be read: ${reason}.`)
  })
})

describe('progress', () => {
  it('is read as it was told, and nothing else is', () => {
    const progress = { epoch: 'e', mark: 7, last: 5 }
    expect(readProgress(progressText(progress))).toEqual(progress)
    expect(readProgress('{"epoch":"e","mark":"7"}')).toBeUndefined()
    expect(readProgress('null')).toBeUndefined()
    expect(readProgress('?')).toBeUndefined()
  })
})
