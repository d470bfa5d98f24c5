//! Key files: 32 random bytes in hexadecimal, readable by their owner alone, never in the database.

use crate::error::{Error, Result, at};
use ed25519_dalek::SigningKey;
use model::secret::Secret;
use respond::port::Chance;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Reads a key file, or makes it where there is none.
pub(crate) fn read_or_make(path: &Path, chance: &dyn Chance) -> Result<[u8; 32]> {
    if path.exists() { read(path) } else { make(path, chance) }
}

/// Makes a key file; an existing one is never overwritten.
pub(crate) fn make(path: &Path, chance: &dyn Chance) -> Result<[u8; 32]> {
    let bytes = chance.bytes();
    keep(path, &bytes)?;
    Ok(bytes)
}

/// Writes a key file, safe on the disk before it returns; an existing one is never overwritten.
pub(crate) fn keep(path: &Path, bytes: &[u8; 32]) -> Result<()> {
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(at(folder))?;
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(at(path))?;
    file.write_all(format!("{}\n", hex::encode(bytes)).as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(at(path))?;
    File::open(folder).and_then(|f| f.sync_all()).map_err(at(folder))
}

/// Reads a key file; one that others may read is refused.
pub(crate) fn read(path: &Path) -> Result<[u8; 32]> {
    let text = read_secret(path)?;
    let mut bytes = [0; 32];
    hex::decode_to_slice(text.reveal(), &mut bytes).map_err(|_| {
        Error::failed(format!("{} is not a key file (64 hexadecimal digits)", path.display()))
    })?;
    Ok(bytes)
}

/// Reads a secret from a file, without the white space around it; a file that others may read is refused.
pub(crate) fn read_secret(path: &Path) -> Result<Secret> {
    let mut file = File::open(path).map_err(at(path))?;
    let mode = file.metadata().map_err(at(path))?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(Error::failed(format!(
            "{} can be read by others (mode {:o})",
            path.display(),
            mode & 0o777
        ))
        .hint(format!("chmod 600 {}, and think about who may have read it", path.display())));
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(at(path))?;
    Ok(Secret::new(text.trim()))
}

/// An Ed25519 key from a key file.
pub(crate) fn signing_key(path: &Path) -> Result<SigningKey> {
    Ok(SigningKey::from_bytes(&read(path)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outside::SystemChance;

    #[test]
    fn a_key_file_is_made_once_and_read_back_and_refused_when_others_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/a.key");
        let made = make(&path, &SystemChance).unwrap();
        assert_eq!(read(&path).unwrap(), made);
        assert!(make(&path, &SystemChance).is_err(), "never overwritten");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("chmod 600"));
    }
}
