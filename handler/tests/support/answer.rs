//! An answer of a handler, as tests look at it.
#![allow(dead_code)] // Each test file uses its part.

/// An HTTP answer.
pub struct Answer {
    pub status: u16,
    head: String,
    pub bytes: Vec<u8>,
}

impl Answer {
    /// Answers one after the other, each with its announced length.
    pub fn all(mut bytes: &[u8]) -> Vec<Answer> {
        let mut answers = Vec::new();
        while !bytes.is_empty() {
            let mut answer = Answer::parse(bytes);
            let length = answer
                .header("content-length")
                .map_or(0, |length| length.parse().expect("a length"));
            bytes = &bytes[answer.head.len() + 4..];
            bytes = &bytes[length.min(bytes.len())..];
            answer.bytes.truncate(length);
            answers.push(answer);
        }
        answers
    }

    pub fn parse(bytes: &[u8]) -> Answer {
        Answer::try_parse(bytes).unwrap_or_else(|| panic!("no answer: {bytes:?}"))
    }

    /// An answer, if its head came whole.
    pub fn try_parse(bytes: &[u8]) -> Option<Answer> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .expect("a status");
        Some(Answer {
            status,
            head,
            bytes: bytes[end + 4..].to_vec(),
        })
    }

    /// The cookie of this name that the answer sets, as the browser sends it back.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .filter(|(key, _)| key.eq_ignore_ascii_case("set-cookie"))
            .filter_map(|(_, value)| value.split(';').next())
            .find(|pair| pair.strip_prefix(name).is_some_and(|rest| rest.starts_with('=')))
            .map(str::to_owned)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    pub fn body(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The values of a `data-` attribute on the page.
    pub fn data(&self, name: &str) -> Vec<String> {
        let body = self.body();
        let mark = format!("data-{name}=\"");
        body.split(&mark)
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .map(str::to_owned)
            .collect()
    }

    /// The database failed: the plain sentence, when to try again, and nothing kept.
    pub fn assert_store_failed(&self) {
        assert_eq!(self.status, 503, "{}", self.body());
        assert!(self.header("retry-after").is_some());
        assert!(self.body().contains("Gespeichert wurde nichts"), "{}", self.body());
    }
}
