// The rules that schema.graphql keeps: graphql-eslint's recommended and Relay sets, with the choices that
// docs/API.md describes.
import graphql from '@graphql-eslint/eslint-plugin';

const { configs } = graphql;

export default [
  {
    files: ['**/*.graphql'],
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: './schema.graphql' } },
    },
    plugins: { '@graphql-eslint': graphql },
    rules: {
      ...configs['flat/schema-recommended'].rules,
      ...configs['flat/schema-relay'].rules,
      // Ids belong to Node types only; payloads and edges have none.
      '@graphql-eslint/strict-id-in-types': 'off',
      // Scalars that front ends may count on before the first field has them.
      '@graphql-eslint/no-unreachable-types': 'off',
      '@graphql-eslint/relay-arguments': ['error', { includeBoth: false }],
      '@graphql-eslint/relay-edge-types': [
        'error',
        { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false, withEdgeSuffix: true },
      ],
      '@graphql-eslint/require-description': [
        'error',
        {
          types: true,
          FieldDefinition: true,
          InputValueDefinition: true,
          EnumValueDefinition: true,
          // The one argument of @include and @skip, which the specification describes.
          ignoredSelectors: ['InputValueDefinition[name.value=if]'],
        },
      ],
    },
  },
];
