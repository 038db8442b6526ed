/** TypeScript text of a model: `aggregates` aggregates with `each` events and `each` commands. */
export function generateModel(size: { readonly aggregates: number; readonly each: number }): string
