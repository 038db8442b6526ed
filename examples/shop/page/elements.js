/** Makes an element: its properties, then what is inside. Text is never read as markup. */
export function make(tag, properties = {}, ...inside) {
  const element = Object.assign(document.createElement(tag), properties)
  element.append(...inside)
  return element
}

/**
 * Brings the children of a list in line with its rows, in their order. An element stays the same as long as its row does, so
 * focus and what is typed stay too; `update` is called with each.
 */
export function keep(parent, rows, create, update) {
  const known = new Map([...parent.children].map((it) => [it.dataset.id, it]))
  for (const [i, row] of rows.entries()) {
    const element = known.get(row.id) ?? create(row)
    known.delete(row.id)
    element.dataset.id = row.id
    update(element, row)
    if (parent.children[i] !== element) parent.insertBefore(element, parent.children[i] ?? null)
  }
  for (const gone of known.values()) gone.remove()
}

/** Sets the text of an element, and shows that it changed. */
export function say(element, text) {
  if (element.textContent === text) return
  const first = element.textContent === ''
  element.textContent = text
  if (first) return
  element.classList.remove('changed')
  void element.offsetWidth // starts the animation again
  element.classList.add('changed')
}
