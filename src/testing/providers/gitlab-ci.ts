import { API, JWT, baseClaims, type Provider } from './provider.js'

/** GitLab CI: a token of `id_tokens:` with the audience of this API. */
export const gitlabCi: Provider = {
  issuer: 'https://gitlab.example.com',
  audience: API,
  access: (context) => ({
    header: JWT,
    claims: {
      ...baseClaims(context),
      sub: 'project_path:acme/orders:ref_type:branch:ref:main',
      jti: context.uuid,
      nbf: context.now,
      namespace_id: '1',
      namespace_path: 'acme',
      project_id: '2',
      project_path: 'acme/orders',
      user_login: 'ada',
      pipeline_id: '3',
      pipeline_source: 'push',
      job_id: '4',
      ref: 'main',
      ref_type: 'branch',
      ref_protected: 'true',
      runner_environment: 'self-hosted',
    },
  }),
}
