import { outageCases } from './outage-cases.ts'
import { placeCases } from './place-cases.ts'
import { publishCases } from './publish-cases.ts'
import { readerCases } from './reader-cases.ts'
import { signalCases } from './signal-cases.ts'
import { topicCases } from './topic-cases.ts'
import { runTransportCase, type TransportCase, type TransportHarness } from './transport-harness.ts'

/** Everything that the transport port promises, one case each. */
export const transportCases: readonly TransportCase[] = [
  ...topicCases,
  ...publishCases,
  ...readerCases,
  ...placeCases,
  ...signalCases,
  ...outageCases,
]

/**
 * Registers every case that applies to a transport with the test function of any runner: `it` of vitest, `test` of
 * node:test. Some cases take seconds: give them 60. Cases that need a broker that is shared, or may be hurt, are left out
 * for a harness without one. `cases`: only these of `transportCases`.
 *
 * @example
 * transportConformance({ name: 'mine', shared: true, open: () => myTransport(url) }, it)
 */
export function transportConformance(
  harness: TransportHarness,
  it: (name: string, run: () => Promise<void>) => unknown,
  cases: readonly TransportCase[] = transportCases,
): void {
  for (const each of cases) {
    if (each.needs === 'shared' && harness.shared !== true) continue
    if (each.needs === 'broker' && harness.broker === undefined) continue
    it(`${harness.name}: ${each.name}`, () => runTransportCase(harness, each))
  }
}
