// Prints the one line `N passed, N failed` over the vitest reports, the check steps and the sections of .ci/run.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const out = process.argv[2]
const counts = { passed: 0, failed: 0 }

for (const name of ['unit', 'services']) {
  const report = readJson(`${name}.json`)
  counts.passed += report?.numPassedTests ?? 0
  counts.failed += report?.numFailedTests ?? 0
  // A file that could not even be loaded has no failed test to count.
  counts.failed +=
    report?.testResults.filter((it) => it.status === 'failed' && it.assertionResults.length === 0).length ?? 0
}
for (const step of readJson('check.json') ?? []) counts[step.ok ? 'passed' : 'failed'] += 1

const sections = readFileSync(join(out, 'sections.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))
// A section that failed before it could write its report must not vanish from the count.
if (counts.failed === 0) counts.failed = sections.filter((it) => it.code !== 0).length

console.log(`${counts.passed} passed, ${counts.failed} failed`)
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0

function readJson(name) {
  const file = join(out, name)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}
