//! What lies in directories.

use std::path::Path;

/// Bytes of a file, or of all files under a directory.
pub(crate) fn bytes(path: &Path) -> anyhow::Result<u64> {
    let meta = std::fs::metadata(path)?;
    if !meta.is_dir() {
        return Ok(meta.len());
    }
    let mut sum = 0;
    for entry in std::fs::read_dir(path)? {
        sum += bytes(&entry?.path())?;
    }
    Ok(sum)
}

/// Copies a directory with everything under it but one file.
pub(crate) fn copy(from: &Path, to: &Path, without: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let path = entry?.path();
        let Some(name) = path.file_name() else {
            continue;
        };
        let target = to.join(name);
        if path.is_dir() {
            copy(&path, &target, without)?;
        } else if path != without {
            std::fs::copy(&path, &target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_but_one_file_is_copied() {
        let place = tempfile::tempdir().unwrap();
        let (from, to) = (place.path().join("from"), place.path().join("to"));
        std::fs::create_dir_all(from.join("deep")).unwrap();
        std::fs::write(from.join("deep").join("kept"), "123").unwrap();
        std::fs::write(from.join("left"), "12345").unwrap();
        copy(&from, &to, &from.join("left")).unwrap();
        assert_eq!(bytes(&from).unwrap(), 8);
        assert_eq!(bytes(&to).unwrap(), 3);
    }
}
