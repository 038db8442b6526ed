const PARTITIONS = 16

/** Makes CloudEvents of rows with all that Dure says of an event, for the subjects of a stream. */
export function cloudEvents(stream, epoch) {
  return ([position, meter, version, slice, type, data, actor, command, correlation, at], previous) => ({
    subject: `${stream}.${slice % PARTITIONS}`,
    id: `${epoch}/${position}`,
    body:
      `{"specversion":"1.0","id":"${epoch}/${position}","source":"/bench/ByHand","type":"ByHand.${type}",` +
      `"subject":${JSON.stringify(meter)},"time":"${new Date(at).toISOString()}","datacontenttype":"application/json",` +
      `"partitionkey":${JSON.stringify(meter)},"epoch":"${epoch}","position":"${position}","previous":"${previous}",` +
      `"slice":${slice},"aggregate":"Meter","version":${version},"command":"${command}","actor":${JSON.stringify(actor)},` +
      `"correlationid":"${correlation}","data":${data}}`,
  })
}

/** The data alone, with where it stands. */
export function leanMessages(stream, epoch) {
  return ([position, meter, version, slice, , data]) => ({
    subject: `${stream}.${slice % PARTITIONS}`,
    id: `${epoch}/${position}`,
    body: `{"position":${position},"id":${JSON.stringify(meter)},"version":${version},"data":${data}}`,
  })
}
