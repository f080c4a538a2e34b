pkg_check_modules(SQLITE3 REQUIRED IMPORTED_TARGET sqlite3)
target_link_libraries(ndcast_ledger PRIVATE PkgConfig::SQLITE3)
