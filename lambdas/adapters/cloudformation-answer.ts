/** Puts a custom resource's answer where CloudFormation waits for it: a signed address, so no content type may be sent. */
export async function answerCloudFormation(url: string, answer: object): Promise<void> {
  const put = (): Promise<Response> =>
    fetch(url, { method: 'PUT', headers: { 'content-type': '' }, body: JSON.stringify(answer) });
  const { ok, status } = await put().catch(put);
  if (!ok) throw new Error(`CloudFormation's address answered ${status}`);
}
