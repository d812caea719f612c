//! collector/ledger
