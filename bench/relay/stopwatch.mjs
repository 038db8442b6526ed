import { childrenCpu, ownCpu } from '../harness/cpu.mjs'

const now = () => [performance.now(), ownCpu(), childrenCpu()]

/** Measures from `start` to `stop`; `result` is then what one round of a contestant is made of. */
export function stopwatch() {
  let began
  let ended
  return {
    start: () => (began ??= now()),
    stop: () => (ended ??= now()),
    result(count) {
      const [ms, cpu, other] = ended.map((it, i) => it - began[i])
      return {
        rate: (count / ms) * 1000,
        cpuUs: cpu / count,
        ...(!Number.isNaN(other) && { otherUs: other / count }),
      }
    },
  }
}
