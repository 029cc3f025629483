import { JWT, baseClaims, idClaims, type Provider } from './provider.js'

/** Supabase Auth with asymmetric signing keys. */
export const supabase: Provider = {
  issuer: 'https://abcdefghijklmnopqrst.supabase.co/auth/v1',
  jwksUri: 'https://abcdefghijklmnopqrst.supabase.co/auth/v1/.well-known/jwks.json',
  audience: 'authenticated',
  access: (context) => ({
    header: JWT,
    claims: {
      ...baseClaims(context),
      email: 'ada@example.com',
      phone: '',
      app_metadata: { provider: 'email', providers: ['email'] },
      user_metadata: {},
      role: 'authenticated',
      aal: 'aal1',
      amr: [{ method: 'password', timestamp: context.now }],
      session_id: context.uuid,
      is_anonymous: false,
    },
  }),
  id: (context) => ({ header: JWT, claims: { ...idClaims(context), email: 'ada@example.com' } }),
}
