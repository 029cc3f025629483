import { JWT, idClaims, baseClaims, type Provider } from './provider.js'

export const zitadel: Provider = {
  issuer: 'https://instance-1.zitadel.cloud',
  audience: '195912339333529857',
  access: (context) => ({
    header: JWT,
    claims: {
      ...baseClaims(context),
      aud: [context.clientId, context.audience],
      nbf: context.now,
      client_id: context.clientId,
      jti: context.uuid,
      // Of the project that the client belongs to, and of this API's.
      'urn:zitadel:iam:org:project:roles': { admin: { '195912339333529800': 'example.com' } },
      [`urn:zitadel:iam:org:project:${context.audience}:roles`]: { clerk: { '195912339333529800': 'example.com' } },
    },
  }),
  app: (context) => ({
    header: JWT,
    claims: {
      ...baseClaims(context),
      aud: [context.audience],
      sub: '195912339333529999',
      nbf: context.now,
      client_id: 'machine-1',
      jti: context.uuid,
    },
  }),
  id: (context) => ({
    header: JWT,
    claims: {
      ...idClaims(context),
      aud: [context.clientId, context.audience],
      azp: context.clientId,
      client_id: context.clientId,
      amr: ['pwd'],
      sid: 'V1_1',
    },
  }),
}
