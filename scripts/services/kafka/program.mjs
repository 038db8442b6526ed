import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Complaint } from '../../bootstrap/complaint.mjs'
import { cache } from '../folder.mjs'
import { run } from '../process/run.mjs'

const OLDEST_JAVA = 17
const pom = fileURLToPath(new URL('pom.xml', import.meta.url))

export const kafkaRelease = /kafka_2\.13<\/artifactId>\s*<version>([^<]+)/.exec(readFileSync(pom, 'utf8'))[1]

/** The folder of a broker's jars; has Maven fetch them when there are none. */
export async function kafkaJars(say, signal) {
  await checkJava()
  const folder = join(cache, `kafka-${kafkaRelease}`)
  if (existsSync(folder)) return folder
  const { code } = await run('mvn', ['--version'])
  if (code !== 0) {
    throw new Complaint(
      'DURE_REPO_NO_KAFKA',
      `the jars of Kafka ${kafkaRelease} are fetched with Maven, and there is no mvn here`,
      'install Maven (Debian: apt-get install maven), or start Docker',
    )
  }
  say(`fetching Kafka ${kafkaRelease} from Maven Central, 45 MB …`)
  mkdirSync(dirname(folder), { recursive: true })
  // Half a folder of jars would pass for a whole one at the next start.
  const work = mkdtempSync(`${folder}.`)
  try {
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${work}`]
    const fetched = await run('mvn', ['-B', '-q', '-f', pom, ...goal], { signal })
    if (fetched.code !== 0) {
      throw new Complaint(
        'DURE_REPO_NO_KAFKA',
        `mvn ended with ${fetched.code}:\n${fetched.output}`,
        'see above',
      )
    }
    if (!existsSync(folder)) renameSync(work, folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return folder
}

async function checkJava() {
  const { code, output } = await run('java', ['-version'])
  const major = code === 0 ? Number(/version "(?:1\.)?(\d+)/.exec(output)?.[1]) : undefined
  if (major >= OLDEST_JAVA) return
  throw new Complaint(
    'DURE_REPO_NO_JAVA',
    `Kafka ${kafkaRelease} runs on Java ${OLDEST_JAVA} or newer, and there is ${major ? `Java ${major}` : 'none'} here`,
    'install one (Debian: apt-get install openjdk-17-jre-headless), or start Docker',
  )
}
