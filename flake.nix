{
  description = "One local.toml, every environment generated from it: content-addressed bundles, a pointer log, instant rollback";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ];
      eachSystem = make: lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});

      manifest = lib.importJSON ./package.json;
      lock = lib.importJSON ./package-lock.json;

      # The lock file records no download addresses, so npm itself fetches each package; the integrity in the lock
      # file is the hash that Nix holds it to.
      tarball =
        pkgs: path: module:
        pkgs.runCommand "${lib.strings.sanitizeDerivationName path}.tgz"
          {
            nativeBuildInputs = [
              pkgs.nodejs
              pkgs.cacert
            ];
            outputHash = module.integrity;
            outputHashMode = "flat";
          }
          ''
            export HOME=$TMPDIR SSL_CERT_FILE=${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt
            npm pack --silent ${lib.escapeShellArg "${lib.last (lib.splitString "node_modules/" path)}@${module.version}"}
            mv *.tgz $out
          '';

      # Those without an integrity are the linter's for other platforms, which nothing here installs.
      modules = lib.filterAttrs (path: module: path != "" && module ? integrity) lock.packages;
    in
    {
      packages = eachSystem (pkgs: rec {
        default = tsm;
        tsm = pkgs.buildNpmPackage {
          pname = manifest.name;
          inherit (manifest) version;
          src = self;
          npmDeps = pkgs.importNpmLock {
            npmRoot = ./.;
            packageSourceOverrides = lib.mapAttrs (tarball pkgs) modules;
          };
          npmConfigHook = pkgs.importNpmLock.npmConfigHook;
          meta = {
            inherit (manifest) description;
            license = lib.licenses.mit;
            mainProgram = "tsm";
          };
        };
      });

      devShells = eachSystem (pkgs: {
        default = pkgs.mkShell {
          packages = [
            pkgs.nodejs
            pkgs.git
          ]
          # What some tests judge our output with.
          ++ lib.optionals pkgs.stdenv.isLinux [
            pkgs.systemd
            pkgs.nftables
            pkgs.strace
          ];
        };
      });
    };
}
