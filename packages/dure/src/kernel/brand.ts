/** The id of an aggregate: a string that cannot be mistaken for the id of another kind of aggregate. */
export type Id<Aggregate extends string> = string & { readonly '~id': Aggregate }
