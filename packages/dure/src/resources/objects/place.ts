/** Where a bucket is, and who may use it. */
export interface BucketPlace {
  /** Of the bucket, without a slash at its end. */
  readonly base: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** Reads `https://key:secret@host/bucket?region=eu-west-1`; `bucketUrl` of the model has let it pass. */
export function bucketPlace(text: string): BucketPlace {
  const url = new URL(text)
  return {
    base: `${url.protocol}//${url.host}/${url.pathname.replaceAll('/', '')}`,
    region: url.searchParams.get('region') ?? 'us-east-1',
    accessKeyId: decodeURIComponent(url.username),
    secretAccessKey: decodeURIComponent(url.password),
  }
}
