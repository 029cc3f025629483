/** Encodes one text as application/x-www-form-urlencoded does: nothing in it can end it, or begin another member. */
export function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}
