//! Codes that people read, say and type.

use model::id::NoticeCode;

/// A code that people can read out: twelve of thirty-two signs without look-alikes, 60 bits.
pub(crate) fn new_code(bytes: &[u8; 32]) -> NoticeCode {
    const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let signs: Vec<char> = bytes.iter().take(12).map(|b| char::from(SIGNS[usize::from(b % 32)])).collect();
    NoticeCode::new(signs.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_code_has_three_groups_of_four_and_depends_on_chance() {
        let code = super::new_code(&[0; 32]);
        assert_eq!(code.as_str(), "0000-0000-0000");
        assert_ne!(code, super::new_code(&[1; 32]));
    }
}
