//! Numbers as Germans read them, and axes that end at round ones.

/// `1.250,5`, with a real minus sign.
pub fn german(value: f64, decimals: usize) -> String {
    let digits = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let mut text = String::new();
    if value < 0.0 && digits.bytes().any(|byte| matches!(byte, b'1'..=b'9')) {
        text.push('\u{2212}');
    }
    for (index, digit) in whole.char_indices() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push(',');
        text.push_str(fraction);
    }
    text
}

/// An axis from one round number to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    pub low: f64,
    pub high: f64,
    step: f64,
    decimals: usize,
}

impl Scale {
    /// An axis for values between `low` and `high` with about this many steps; `is_whole` where nothing is counted in halves.
    pub fn new(low: f64, high: f64, steps: usize, is_whole: bool) -> Scale {
        let range = if high > low { high - low } else { 1.0 };
        let (step, decimals) = round_step(range / steps as f64, is_whole);
        Scale {
            low: (low / step).floor() * step,
            high: ((low + range) / step).ceil() * step,
            step,
            decimals,
        }
    }

    /// The values along the axis, and their words.
    pub fn ticks(&self) -> Vec<(f64, String)> {
        let first = (self.low / self.step).round() as i64;
        let last = (self.high / self.step).round() as i64;
        (first..=last)
            .map(|n| n as f64 * self.step)
            .map(|value| (value, german(value, self.decimals)))
            .collect()
    }

    /// Where a value lies when `low` lies at `from` and `high` at `to`.
    pub fn place(&self, value: f64, from: f64, to: f64) -> f64 {
        from + (value - self.low) / (self.high - self.low) * (to - from)
    }
}

/// The smallest of 1, 2, 2.5, 5 and 10 times a power of ten that is no smaller than `least`, and its digits behind the comma.
fn round_step(least: f64, is_whole: bool) -> (f64, usize) {
    if is_whole && least <= 1.0 {
        return (1.0, 0);
    }
    let mut exponent = 0;
    while power_of_ten(exponent) > least {
        exponent -= 1;
    }
    while power_of_ten(exponent + 1) <= least {
        exponent += 1;
    }
    let candidates = [(1.0, 0), (2.0, 0), (2.5, 1), (5.0, 0), (10.0, -1)];
    for (factor, digits) in candidates {
        let decimals = (digits - exponent).max(0) as usize;
        let step = factor * power_of_ten(exponent);
        if step >= least * (1.0 - 1e-9) && !(is_whole && decimals > 0 && factor == 2.5) {
            return (step, decimals);
        }
    }
    (power_of_ten(exponent + 1), (-exponent - 1).max(0) as usize)
}

/// By multiplication alone, which gives the same on every machine; logarithms do not.
fn power_of_ten(exponent: i32) -> f64 {
    let power = (0..exponent.abs()).fold(1.0, |power, _| power * 10.0);
    if exponent < 0 { 1.0 / power } else { power }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(low: f64, high: f64, is_whole: bool) -> String {
        let ticks = Scale::new(low, high, 5, is_whole).ticks();
        ticks.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn numbers_have_points_and_commas() {
        assert_eq!(german(1_250_000.0, 0), "1.250.000");
        assert_eq!(german(-12.5, 1), "−12,5");
        assert_eq!(german(999.0, 2), "999,00");
        assert_eq!(german(-0.01, 1), "0,0");
    }

    #[test]
    fn axes_end_at_round_numbers() {
        assert_eq!(words(0.0, 923.0, true), "0 200 400 600 800 1.000");
        assert_eq!(words(0.0, 12.4, false), "0,0 2,5 5,0 7,5 10,0 12,5");
        assert_eq!(words(0.0, 3.0, true), "0 1 2 3");
        assert_eq!(words(0.0, 12.0, true), "0 5 10 15");
        assert_eq!(words(-7.0, 21.0, true), "−10 0 10 20 30");
        assert_eq!(words(0.0, 0.07, false), "0,00 0,02 0,04 0,06 0,08");
        assert_eq!(words(0.0, 0.0, false), "0,0 0,2 0,4 0,6 0,8 1,0");
        assert_eq!(
            words(0.0, 1_234_567.0, true),
            "0 250.000 500.000 750.000 1.000.000 1.250.000"
        );
    }
}
