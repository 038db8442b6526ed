import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { containerOf, hasDocker } from './docker.mjs'
import { folder } from './folder.mjs'

/**
 * A server that everybody in this clone shares: a container where Docker runs, else an instance of programs.
 * - `name`, also that of its container and of its folder; `about` for people
 * - `variable`: the environment variable that tests find its URL in
 * - `create(place)` makes the instance
 * - `container`: `{ port, urlOf, probe }` of the one in compose.yaml; absent if it has none
 * - `needs`: names of services that have to answer first
 */
export function sharedService({ name, about, variable, create, container, needs = [] }) {
  const place = join(folder, name)

  async function server() {
    const isHere = existsSync(place)
    if (container && !isHere && (await hasDocker())) return containerOf(name, container)
    return programsServer(await create({ folder: place, stays: true }))
  }

  return {
    name,
    about,
    variable,
    needs,
    /** `{ url, port, pid, since, version, data }` while it answers, else undefined. */
    async look() {
      if (!existsSync(place) && !(container && (await hasDocker()))) return undefined
      const found = await (await server()).look()
      return found?.version ? found : undefined
    },
    async up(context) {
      return (await this.look()) ?? (await server()).start(context)
    },
    /** Also starts one that does not run, and one that runs but does not answer. */
    async restart(context) {
      return (await server()).restart(context)
    },
    /** Also succeeds when nothing runs. */
    async down() {
      if (!existsSync(place) && !(container && (await hasDocker()))) return
      await (await server()).remove()
    },
  }
}

function programsServer(instance) {
  const look = async () => {
    const { url, port, pid, since, data } = instance
    return { url, port, pid, since, data, version: await instance.probe() }
  }
  return {
    look,
    start: (context) => instance.start(context).then(look),
    restart: (context) => instance.restart(context).then(look),
    remove: () => instance.remove(),
  }
}
