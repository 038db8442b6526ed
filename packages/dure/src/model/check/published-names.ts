import { finding, type Rule } from './finding.ts'

/** A published event comes from events of one aggregate, so that its readers know whose id a message carries. */
export const publishedNames: Rule = function* (system) {
  for (const { name, aggregates, events } of system.contexts) {
    for (const [published, { from }] of events) {
      const having = aggregates
        .filter((it) => it.definition.events.has(from.name))
        .map((it) => it.name as string)
      if (having.length < 2) continue
      const details = { event: from.name, published, aggregates: having }
      yield finding('DURE_CHECK_EVENT_SHARED', `${name}, contract event ${published}`, details)
    }
  }
}
