/**
 * Runs the wanted steps and those they need, at most `width` at once, in the order listed. A step whose need
 * failed is not run and counts as failed. Resolves to `{ name, ok, ms, seen, output }` of every step.
 */
export async function schedule(steps, wanted, width, onOutcome) {
  const waiting = steps.filter((step) => withNeeds(steps, wanted).has(step.name))
  const done = new Map()
  const running = new Set()
  while (waiting.length > 0 || running.size > 0) {
    const next = waiting.findIndex((step) => (step.needs ?? []).every((need) => done.has(need)))
    if (next >= 0 && running.size < width) {
      const [step] = waiting.splice(next, 1)
      const broken = (step.needs ?? []).find((need) => !done.get(need).ok)
      const outcome = broken ? Promise.resolve(notRun(step, broken)) : runStep(step)
      const finished = outcome.then((it) => {
        done.set(step.name, it)
        running.delete(finished)
        onOutcome(it)
      })
      running.add(finished)
    } else {
      await Promise.race(running)
    }
  }
  return [...done.values()]
}

function withNeeds(steps, wanted) {
  const names = new Set(wanted)
  // A Set visits what is added while it is walked, so needs of needs come in too.
  for (const name of names) {
    for (const need of steps.find((step) => step.name === name).needs ?? []) names.add(need)
  }
  return names
}

async function runStep(step) {
  const startedAt = performance.now()
  const { ok, seen, output } = await step
    .run()
    .catch((error) => ({ ok: false, seen: 0, output: error.stack }))
  const ms = performance.now() - startedAt
  // A check that has read nothing passes for ever: a moved folder or a changed glob must not look like success.
  if (ok && !(seen > 0)) {
    return {
      name: step.name,
      ok: false,
      ms,
      seen: 0,
      unit: step.unit,
      output: `it passed but read no ${step.unit}\n${output}`,
    }
  }
  return { name: step.name, ok, ms, seen, unit: step.unit, output }
}

const notRun = (step, broken) => ({
  name: step.name,
  ok: false,
  ms: 0,
  seen: 0,
  unit: step.unit,
  output: `not run, because ${broken} failed`,
})
