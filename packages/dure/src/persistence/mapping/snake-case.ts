/** A name of the model as databases write it: `shipTo` is `ship_to`, `orderID` `order_id`, `HTTPServer` `http_server`. */
export function snakeCase(name: string): string {
  return name
    .replaceAll(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})/gu, '_')
    .replaceAll(acronymEnd, '_')
    .toLowerCase()
}

// Between an acronym and the word after it; the plural of an acronym is no word: `userIDs` is `user_ids`.
const acronymEnd = /(?<=\p{Lu})(?=\p{Lu}\p{Ll})(?!\p{Lu}s(?!\p{Ll}))/gu
