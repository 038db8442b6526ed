/** Where a command or query is asked among services: the name of the context in lower case, the other as it is written. */
export function servicePath(side: 'c' | 'q', context: string, name: string): string {
  return `/${side}/${context.toLowerCase()}/${name}`
}
