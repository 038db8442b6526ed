/** What the shop starts with; each with the idempotency key it is sent under. */
export const customers = [
  {
    key: 'customer-bora',
    name: '김보라 Kim Bora',
    email: 'bora@example.com',
    address: { zipcode: '04524', addr1: '서울 중구 세종대로 110', addr2: '3층' },
  },
  {
    key: 'customer-jun',
    name: '이준 Lee Jun',
    email: 'jun@example.com',
    address: { zipcode: '47545', addr1: '부산 연제구 중앙대로 1001' },
  },
  {
    key: 'customer-haneul',
    name: '박하늘 Park Haneul',
    address: { zipcode: '63122', addr1: '제주 제주시 문연로 6' },
  },
]

export const goods = [
  { key: 'pen', name: '볼펜 Ball pen', won: 1_500, inStock: 500, description: 'Blue, 0.5 mm' },
  { key: 'notebook', name: '공책 Notebook', won: 4_500, inStock: 120, description: 'A5, 96 pages, lined' },
  { key: 'mug', name: '머그컵 Mug', won: 12_000, inStock: 24, description: 'White stoneware, 350 ml' },
  {
    key: 'keyboard',
    name: '키보드 Keyboard',
    won: 129_000,
    inStock: 8,
    description: 'Mechanical, with 한글 key caps',
  },
  {
    key: 'chair',
    name: '의자 Chair',
    won: 390_000,
    inStock: 3,
    description: 'For the desk, height adjustable',
  },
]
