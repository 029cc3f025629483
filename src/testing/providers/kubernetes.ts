import { API, type Provider } from './provider.js'

/** Kubernetes: the token of a service account, projected into a pod for this API. */
export const kubernetes: Provider = {
  issuer: 'https://kubernetes.default.svc.cluster.local',
  audience: API,
  access: ({ issuer, audience, now, uuid }) => ({
    header: {},
    claims: {
      aud: [audience],
      exp: now + 3600,
      iat: now,
      nbf: now,
      iss: issuer,
      jti: uuid,
      'kubernetes.io': {
        namespace: 'shop',
        pod: { name: 'orders-1', uid: '1' },
        serviceaccount: { name: 'orders', uid: '2' },
      },
      sub: 'system:serviceaccount:shop:orders',
    },
  }),
}
