//! From the text of an expression to its tree: tokens first, then levels of operators.

use super::{Decimal, Expression, Operator, Reference, SyntaxError};
use std::fmt;

/// Reads an expression, or says at which byte it stops being one.
pub(super) fn parse(source: &str) -> Result<Expression, SyntaxError> {
    let mut parser = Parser {
        source,
        tokens: tokens(source)?,
        next: 0,
    };
    let expression = parser.level(0)?;
    match parser.peek() {
        None => Ok(expression),
        Some(token) => Err(parser.error(format!("„{token}“ steht hier überzählig"))),
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(Decimal),
    Text(String),
    Word(String),
    Operator(Operator),
    Open,
    Close,
    Dot,
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Token::Number(number) => write!(f, "{}", number.to_f64()),
            Token::Text(text) => write!(f, "'{text}'"),
            Token::Word(word) => f.write_str(word),
            Token::Operator(operator) => write!(f, "{operator}"),
            Token::Open => f.write_str("("),
            Token::Close => f.write_str(")"),
            Token::Dot => f.write_str("."),
        }
    }
}

fn tokens(source: &str) -> Result<Vec<(usize, Token)>, SyntaxError> {
    let mut found = Vec::new();
    let mut rest = source;
    loop {
        rest = rest.trim_start();
        let offset = source.len() - rest.len();
        let Some(first) = rest.chars().next() else {
            return Ok(found);
        };
        let length;
        let token = match first {
            '0'..='9' => {
                length = rest
                    .find(|c: char| !c.is_ascii_digit() && c != ',' && c != '.')
                    .unwrap_or(rest.len());
                let number = Decimal::parse(&rest[..length]);
                Token::Number(number.ok_or_else(|| SyntaxError {
                    offset,
                    message: format!("„{}“ ist keine Zahl", &rest[..length]),
                })?)
            }
            'a'..='z' | '_' => {
                let end = |c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit() && c != '_';
                length = rest.find(end).unwrap_or(rest.len());
                match &rest[..length] {
                    "und" => Token::Operator(Operator::And),
                    "oder" => Token::Operator(Operator::Or),
                    word => Token::Word(word.to_owned()),
                }
            }
            '\'' => {
                let Some(end) = rest[1..].find('\'') else {
                    return Err(SyntaxError {
                        offset,
                        message: "das schließende Anführungszeichen ' fehlt".to_owned(),
                    });
                };
                length = end + 2;
                Token::Text(rest[1..=end].to_owned())
            }
            _ => {
                let (token, bytes) = symbol(rest).ok_or_else(|| SyntaxError {
                    offset,
                    message: format!("das Zeichen „{first}“ ist hier nicht bekannt"),
                })?;
                length = bytes;
                token
            }
        };
        found.push((offset, token));
        rest = &rest[length..];
    }
}

fn symbol(rest: &str) -> Option<(Token, usize)> {
    let symbols = [
        ("<>", Token::Operator(Operator::NotEqual)),
        ("<=", Token::Operator(Operator::LessOrEqual)),
        (">=", Token::Operator(Operator::GreaterOrEqual)),
        ("<", Token::Operator(Operator::Less)),
        (">", Token::Operator(Operator::Greater)),
        ("=", Token::Operator(Operator::Equal)),
        ("+", Token::Operator(Operator::Add)),
        ("-", Token::Operator(Operator::Subtract)),
        ("*", Token::Operator(Operator::Multiply)),
        ("(", Token::Open),
        (")", Token::Close),
        (".", Token::Dot),
    ];
    symbols
        .into_iter()
        .find(|(text, _)| rest.starts_with(text))
        .map(|(text, token)| (token, text.len()))
}

struct Parser<'a> {
    source: &'a str,
    tokens: Vec<(usize, Token)>,
    next: usize,
}

/// Operators by how loosely they bind.
const LEVELS: [&[Operator]; 5] = [
    &[Operator::Or],
    &[Operator::And],
    &[
        Operator::Equal,
        Operator::NotEqual,
        Operator::Less,
        Operator::LessOrEqual,
        Operator::Greater,
        Operator::GreaterOrEqual,
    ],
    &[Operator::Add, Operator::Subtract],
    &[Operator::Multiply],
];

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(_, token)| token)
    }

    fn error(&self, message: String) -> SyntaxError {
        let offset = self
            .tokens
            .get(self.next)
            .map_or(self.source.len(), |(offset, _)| *offset);
        SyntaxError { offset, message }
    }

    fn expect(&mut self, wanted: Token) -> Result<(), SyntaxError> {
        if self.peek() != Some(&wanted) {
            return Err(self.error(format!("hier fehlt „{wanted}“")));
        }
        self.next += 1;
        Ok(())
    }

    fn word(&mut self) -> Result<String, SyntaxError> {
        match self.peek() {
            Some(Token::Word(word)) => {
                let word = word.clone();
                self.next += 1;
                Ok(word)
            }
            _ => Err(self.error("hier fehlt der Name eines Feldes".to_owned())),
        }
    }

    fn level(&mut self, level: usize) -> Result<Expression, SyntaxError> {
        let Some(operators) = LEVELS.get(level) else {
            return self.atom();
        };
        let mut left = self.level(level + 1)?;
        while let Some(Token::Operator(operator)) = self.peek().cloned() {
            if !operators.contains(&operator) {
                break;
            }
            self.next += 1;
            let right = self.level(level + 1)?;
            left = Expression::Binary(Box::new(left), operator, Box::new(right));
        }
        Ok(left)
    }

    fn atom(&mut self) -> Result<Expression, SyntaxError> {
        match self.peek().cloned() {
            Some(Token::Number(number)) => {
                self.next += 1;
                Ok(Expression::Number(number))
            }
            Some(Token::Text(text)) => {
                self.next += 1;
                Ok(Expression::Text(text))
            }
            Some(Token::Open) => {
                self.next += 1;
                let inner = self.level(0)?;
                self.expect(Token::Close)?;
                Ok(inner)
            }
            Some(Token::Word(_)) => self.name(),
            _ => {
                Err(self
                    .error("hier fehlt ein Feld, eine Zahl oder ein Text in einfachen Anführungszeichen".to_owned()))
            }
        }
    }

    fn name(&mut self) -> Result<Expression, SyntaxError> {
        let first = self.word()?;
        match (first.as_str(), self.peek()) {
            ("summe", Some(Token::Open)) => {
                self.next += 1;
                let sheet = self.word()?;
                self.expect(Token::Dot)?;
                let field = self.word()?;
                self.expect(Token::Close)?;
                Ok(Expression::Sum { sheet, field })
            }
            ("anzahl", Some(Token::Open)) => {
                self.next += 1;
                let sheet = self.word()?;
                self.expect(Token::Close)?;
                Ok(Expression::Count { sheet })
            }
            (_, Some(Token::Dot)) => {
                self.next += 1;
                Ok(Expression::Field(Reference {
                    sheet: Some(first),
                    field: self.word()?,
                }))
            }
            _ => Ok(Expression::Field(Reference {
                sheet: None,
                field: first,
            })),
        }
    }
}
