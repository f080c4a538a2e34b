pkg_check_modules(NDCAST_SPNG REQUIRED IMPORTED_TARGET spng)
pkg_check_modules(NDCAST_HWY REQUIRED IMPORTED_TARGET libhwy)
target_link_libraries(ndcast_render PRIVATE PkgConfig::NDCAST_SPNG PkgConfig::NDCAST_HWY)
if(NDCAST_SANITIZE MATCHES undefined)
  # Hundreds of inlined intrinsics: eight minutes of compiling with UBSan and ASan, two with ASan alone.
  set_source_files_properties(${PROJECT_SOURCE_DIR}/src/render/cpu/volume_march.cc PROPERTIES COMPILE_OPTIONS -fno-sanitize=undefined)
endif()
