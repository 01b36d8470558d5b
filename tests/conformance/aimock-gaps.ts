/** Says why aimock, an independent mock of providers, cannot be made to do what it cannot. */
export const AIMOCK_GAPS = {
  'silent-usage': 'aimock always reports usage',
  'detailed-usage': 'aimock reports no details of usage',
  hang: 'aimock ends every answer, or drops its connection',
  cut: 'aimock ends every answer, or drops its connection',
} as const
