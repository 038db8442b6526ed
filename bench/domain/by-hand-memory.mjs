import { systemWorld } from 'dure/host'
import { decideDeposit, decideOpen, fold, readDepositing, readOpening } from './by-hand.mjs'
import { envelope } from './calls.mjs'

/**
 * The bank by hand over a Map: events per account, each append checked against the version that was read. Loading and
 * appending are asynchronous, as they would be before any store. `follow` sees each event after it is stored.
 */
export function bankInMemory(follow = () => undefined) {
  const streams = new Map()
  const log = []

  const load = async (id) => streams.get(id) ?? []

  const append = async (id, expected, { type, data }, { id: command, actor, correlation }) => {
    const stream = streams.get(id)
    if ((stream?.length ?? 0) !== expected) throw new Error(`${id} is not at version ${expected}`)
    const event = {
      position: log.length + 1,
      id,
      version: expected + 1,
      type,
      data,
      command,
      actor,
      correlation,
      at: systemWorld.now(),
    }
    log.push(event)
    if (stream === undefined) streams.set(id, [event])
    else stream.push(event)
    follow(event)
    return { id, version: event.version, position: event.position }
  }

  return {
    append,
    async open(input) {
      const opening = readOpening(input)
      return append(opening.number, 0, decideOpen(opening), envelope())
    },
    async deposit(input) {
      const read = readDepositing(input)
      const events = await load(read.id)
      const event = decideDeposit(fold(events), read)
      if (event === undefined) throw new Error('deposit was rejected')
      return append(read.id, events.length, event, envelope())
    },
  }
}
