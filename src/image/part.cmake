find_package(BZip2 REQUIRED)
pkg_check_modules(NDCAST_LZMA REQUIRED IMPORTED_TARGET liblzma)
pkg_check_modules(NDCAST_BLOSC REQUIRED IMPORTED_TARGET blosc)
pkg_check_modules(NDCAST_ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(NDCAST_LZ4 REQUIRED IMPORTED_TARGET liblz4)
pkg_check_modules(NDCAST_DEFLATE REQUIRED IMPORTED_TARGET libdeflate)
pkg_check_modules(NDCAST_CURL REQUIRED IMPORTED_TARGET libcurl>=7.88)
pkg_check_modules(NDCAST_PUGIXML REQUIRED IMPORTED_TARGET pugixml)
target_link_libraries(ndcast_image PUBLIC PkgConfig::NDCAST_BLOSC PkgConfig::NDCAST_ZSTD PkgConfig::NDCAST_LZ4
                                          PkgConfig::NDCAST_DEFLATE PkgConfig::NDCAST_LZMA BZip2::BZip2
                                   PRIVATE PkgConfig::NDCAST_CURL PkgConfig::NDCAST_PUGIXML)
