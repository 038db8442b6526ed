/** What a process of a split shop is told to do. */
export type Order =
  | { readonly do: 'answer' }
  | { readonly do: 'open'; readonly shop: string; readonly context: string; readonly front: string }
  | { readonly do: 'settle' | 'fill' | 'close'; readonly shop: string }

/** What goes to such a process. */
export interface Asked {
  readonly id: number
  readonly order: Order
}

/** What comes back. */
export type Said =
  | { readonly id: number; readonly answer: string }
  | { readonly id: number; readonly failed: string }
  | { readonly shop: string; readonly error: string }
