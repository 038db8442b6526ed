import { expect, it } from 'vitest'
import * as z from 'zod'
import { aggregate, context, contract, event, system } from 'dure'
import { systemWorld } from 'dure/host'
import { memoryStorage } from 'dure/memory'
import { asEvents, asState } from 'dure/persistence'
import { migrationOf } from '../../../src/migration/migration.ts'
import { keptOpen, running } from '../../fixtures/running.ts'

const Named = event('Named', { title: z.string() })
const Members = contract('Members', {})

const Before = aggregate('Member', { state: { title: z.string() }, events: { Named } }).starts({
  Named: (e) => e,
})
const Now = aggregate('Member', { state: { name: z.string() }, events: { Named } }).starts({
  Named: ({ title }) => ({ name: title }),
})
const before = system('Club', { contexts: [context(Members, [Before]).implements({})] })
const now = system('Club', { contexts: [context(Members, [Now]).implements({})] })

const asBefore = asState(Before, { columns: { title: 'called' } })

it('a release may drop a field whose column the release before had named', async () => {
  const storage = keptOpen(memoryStorage())
  await (await running(before, storage, [asBefore])).host.close()
  const kept = [asState(Now)]
  await (await running(now, storage, kept)).host.close()
  expect(await migrationOf(now, kept, storage, systemWorld).plan()).toEqual([])
})

it('a release may leave tables and drop such a field at once', async () => {
  const storage = keptOpen(memoryStorage())
  await (await running(before, storage, [asBefore])).host.close()
  const kept = [asEvents(Now)]
  await (await running(now, storage, kept)).host.close()
  expect(await migrationOf(now, kept, storage, systemWorld).plan()).toEqual([])
})
