/** The colours that every chart of ours shares, those of the pages that show them. */
export interface Inks {
  readonly paper: string
  readonly ink: string
  readonly faint: string
  readonly rule: string
}

export const light: Inks = { paper: '#ffffff', ink: '#1f2328', faint: '#59636e', rule: '#d1d9e0' }
export const dark: Inks = { paper: '#0d1117', ink: '#f0f6fc', faint: '#9198a1', rule: '#3d444d' }
