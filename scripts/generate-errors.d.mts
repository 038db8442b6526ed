export const page: string
export function errorsPage(): string
