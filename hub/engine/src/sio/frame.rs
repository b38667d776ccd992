//! Packets to clients, encoded once and shared by all who get them.

use std::{io::Write as _, sync::Arc};

use bytes::Bytes;
use serde_json::value::RawValue;

/// A packet in its final form, as it goes over the wire. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Engine.IO's `4` and the packet.
    text: Bytes,
    attachments: Option<Arc<[Bytes]>>,
}

impl Frame {
    /// An event for clients of a namespace.
    #[must_use]
    pub fn event(namespace: &str, name: &str, args: &[&RawValue]) -> Self {
        let name = serde_json::value::to_raw_value(name).unwrap_or_default();
        Self { text: encode('2', 0, namespace, None, Some(&name), args), attachments: None }
    }

    /// An event that the client is asked to acknowledge under `id`: see [`Socket::acked`](super::Socket::acked).
    #[must_use]
    pub fn event_with_ack(namespace: &str, id: u64, name: &str, args: &[&RawValue]) -> Self {
        let name = serde_json::value::to_raw_value(name).unwrap_or_default();
        Self { text: encode('2', 0, namespace, Some(id), Some(&name), args), attachments: None }
    }

    /// The answer to a client's event.
    #[must_use]
    pub fn ack(namespace: &str, id: u64, args: &[&RawValue]) -> Self {
        Self { text: encode('3', 0, namespace, Some(id), None, args), attachments: None }
    }

    /// An event with binary parts, for each of which the arguments have a placeholder.
    #[must_use]
    pub fn binary_event(namespace: &str, name: &str, args: &[&RawValue], attachments: Vec<Bytes>) -> Self {
        let name = serde_json::value::to_raw_value(name).unwrap_or_default();
        let text = encode('5', attachments.len(), namespace, None, Some(&name), args);
        Self { text, attachments: Some(attachments.into()) }
    }

    /// An answer with binary parts.
    #[must_use]
    pub fn binary_ack(namespace: &str, id: u64, args: &[&RawValue], attachments: Vec<Bytes>) -> Self {
        let text = encode('6', attachments.len(), namespace, Some(id), None, args);
        Self { text, attachments: Some(attachments.into()) }
    }

    /// The answer to a CONNECT.
    pub(super) fn connected(namespace: &str, id: &str, pid: Option<&str>) -> Self {
        let body = match pid {
            Some(pid) => serde_json::json!({"sid": id, "pid": pid}),
            None => serde_json::json!({"sid": id}),
        };
        Self::control('0', namespace, &body.to_string())
    }

    /// The refusal of a CONNECT.
    pub(super) fn refused(namespace: &str, refusal: &super::Refusal) -> Self {
        let body = match &refusal.data {
            Some(data) => serde_json::json!({"message": refusal.message, "data": data}),
            None => serde_json::json!({"message": refusal.message}),
        };
        Self::control('4', namespace, &body.to_string())
    }

    /// Takes a client out of a namespace.
    pub(super) fn disconnect(namespace: &str) -> Self {
        Self::control('1', namespace, "")
    }

    fn control(kind: char, namespace: &str, body: &str) -> Self {
        let namespace = if namespace == "/" { String::new() } else { format!("{namespace},") };
        Self { text: format!("4{kind}{namespace}{body}").into(), attachments: None }
    }

    /// The packet's text as it goes over the wire.
    #[must_use]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.text).unwrap_or_default()
    }

    pub(super) fn into_parts(self) -> (Bytes, Option<Arc<[Bytes]>>) {
        (self.text, self.attachments)
    }
}

fn encode(
    kind: char,
    attachments: usize,
    namespace: &str,
    id: Option<u64>,
    name: Option<&RawValue>,
    args: &[&RawValue],
) -> Bytes {
    let length: usize = args.iter().map(|arg| arg.get().len() + 1).sum();
    let mut out = Vec::with_capacity(length + namespace.len() + name.map_or(0, |name| name.get().len()) + 32);
    let mut head = || {
        write!(out, "4{kind}")?;
        if attachments > 0 || matches!(kind, '5' | '6') {
            write!(out, "{attachments}-")?;
        }
        if namespace != "/" {
            write!(out, "{namespace},")?;
        }
        if let Some(id) = id {
            write!(out, "{id}")?;
        }
        Ok::<_, std::io::Error>(())
    };
    if let Err(error) = head() {
        // a vector takes what it is given
        tracing::error!(%error, "a packet could not be written");
    }
    let mut before = b'[';
    for part in name.into_iter().chain(args.iter().copied()) {
        out.push(before);
        out.extend_from_slice(part.get().as_bytes());
        before = b',';
    }
    if before == b'[' {
        out.push(before);
    }
    out.push(b']');
    out.into()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde_json::value::RawValue;

    use super::Frame;

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    #[test]
    fn packets_look_as_the_protocol_says() {
        let (one, two) = (raw("1"), raw(r#"{"a":"b"}"#));
        assert_eq!(Frame::event("/", "e", &[&one, &two]).text(), r#"42["e",1,{"a":"b"}]"#);
        assert_eq!(Frame::event("/chat", "a\"b", &[]).text(), r#"42/chat,["a\"b"]"#);
        assert_eq!(Frame::event_with_ack("/chat", 7, "e", &[]).text(), r#"42/chat,7["e"]"#);
        assert_eq!(Frame::ack("/", 12, &[]).text(), "4312[]");
        assert_eq!(Frame::ack("/chat", 0, &[&two]).text(), r#"43/chat,0[{"a":"b"}]"#);
        let parts = vec![Bytes::from_static(b"x")];
        let place = raw(r#"{"_placeholder":true,"num":0}"#);
        let frame = Frame::binary_event("/", "e", &[&place], parts.clone());
        assert_eq!(frame.text(), r#"451-["e",{"_placeholder":true,"num":0}]"#);
        let frame = Frame::binary_ack("/", 3, &[&place], parts);
        assert_eq!(frame.text(), r#"461-3[{"_placeholder":true,"num":0}]"#);
        assert_eq!(Frame::connected("/", "s", None).text(), r#"40{"sid":"s"}"#);
        assert_eq!(Frame::refused("/x", &"no".into()).text(), r#"44/x,{"message":"no"}"#);
        assert_eq!((Frame::disconnect("/").text(), Frame::disconnect("/x").text()), ("41", "41/x,"));
    }
}
